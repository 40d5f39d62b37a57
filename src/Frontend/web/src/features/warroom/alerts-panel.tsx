import { Anchor, Stack, Text, Title } from '@mantine/core';
import { IconBellRinging, IconCircleCheck } from '@tabler/icons-react';
import { memo } from 'react';
import type { IncidentAlert } from '@/shared/contracts';
import { safeAddress } from '@/shared/markdown/blocks';
import { Ago } from '@/shared/ui/time';
import classes from './alerts-panel.module.css';

/** The alerts that opened or joined the incident, those that fire first. */
export const AlertsPanel = memo(function AlertsPanel({ alerts }: { readonly alerts: readonly IncidentAlert[] }) {
  const firing = alerts.filter((alert) => alert.ends_at === undefined);
  const over = alerts.filter((alert) => alert.ends_at !== undefined);
  return (
    <Stack gap={8}>
      <Title order={2} size="h6">
        Alerts {alerts.length > 0 && `(${firing.length} firing, ${over.length} over)`}
      </Title>
      {alerts.length === 0 && <Text c="dimmed">No alert is linked. Alertmanager can send them to this Warroom at /api/webhooks/alertmanager.</Text>}
      <ul className={classes['list']}>
        {[...firing, ...over].map((alert) => (
          <AlertLine key={`${alert.fingerprint} ${alert.starts_at}`} alert={alert} />
        ))}
      </ul>
    </Stack>
  );
});

function AlertLine({ alert }: { readonly alert: IncidentAlert }) {
  const fires = alert.ends_at === undefined;
  const source = alert.source_url === undefined ? null : safeAddress(alert.source_url);
  return (
    <li className={classes['alert']}>
      <span className={classes['state']} data-firing={fires}>
        {fires ? <IconBellRinging size={16} aria-hidden /> : <IconCircleCheck size={16} aria-hidden />} {fires ? 'Firing' : 'Over'}
      </span>
      <div>
        <strong>{alert.name}</strong>
        {alert.summary !== '' && <p>{alert.summary}</p>}
        <span className={classes['when']}>
          since <Ago at={alert.starts_at} />
          {alert.ends_at !== undefined && (
            <>
              , over <Ago at={alert.ends_at} />
            </>
          )}
          {source !== null && (
            <>
              {' '}
              <Anchor href={source} underline="always" target="_blank" rel="noopener noreferrer" size="xs">
                Rule
              </Anchor>
            </>
          )}
        </span>
      </div>
    </li>
  );
}
