import { Button, Group, Modal, Select, Stack, Textarea } from '@mantine/core';
import { memo, useState } from 'react';
import { incidentStatusValues, severityValues, type ChangeIncidentRequest, type IncidentStatus, type IncidentView, type Severity } from '@/shared/contracts';
import { useVerbs } from '@/shared/keys/keys';
import { severityLooks, statusLooks } from '@/shared/ui/badges';
import { ErrorNote } from '@/shared/ui/error-note';
import { useCommand } from '@/shared/use-command';
import { changeIncident } from './commands';
import { sameFacts } from './same-facts';

interface ChangeFactProps {
  readonly incident: IncidentView;
  readonly onChanged: (incident: IncidentView) => void;
}

/** Where an incident may go from where it stands: an unresolved one anywhere but back to open, a resolved one only back to open. */
export const nextStatuses = (status: IncidentStatus): readonly IncidentStatus[] =>
  status === 'resolved' ? ['open'] : incidentStatusValues.filter((value) => value !== status && value !== 'open');

/** Status and severity: chosen here, changed after one asks for the reason. */
export const ChangeFact = memo(function ChangeFact({ incident, onChanged }: ChangeFactProps) {
  const [status, setStatus] = useState<IncidentStatus | null>(null);
  const severity = useCommand((value: Severity, operationId) => changeIncident(incident.id, { severity: value }, operationId));
  const resolved = incident.status === 'resolved';
  useVerbs('Incident', [
    { name: resolved ? 'Reopen the incident' : 'Resolve the incident', key: 'r', run: () => setStatus(resolved ? 'open' : 'resolved') },
    ...nextStatuses(incident.status).flatMap((value) => (value === 'resolved' || value === 'open' ? [] : [{ name: `Set status to ${statusLooks[value].word.toLowerCase()}`, run: () => setStatus(value) }])),
  ]);
  return (
    <>
      <Select
        label="Status"
        data={[incident.status, ...nextStatuses(incident.status)].map((value) => ({ value, label: value === 'open' && resolved ? 'Open (reopen)' : statusLooks[value].word }))}
        value={incident.status}
        onChange={(value) => {
          if (value !== null && value !== incident.status) setStatus(value);
        }}
        allowDeselect={false}
        checkIconPosition="right"
      />
      <Select
        label="Severity"
        data={severityValues.map((value) => ({ value, label: severityLooks[value].word }))}
        value={incident.severity}
        disabled={severity.pending}
        onChange={(value) => {
          if (value !== null && value !== incident.severity) void severity.run(value).then((changed) => changed && onChanged(changed));
        }}
        allowDeselect={false}
        checkIconPosition="right"
      />
      {severity.error !== null && <ErrorNote title="The severity was not changed." error={severity.error} />}
      {status !== null && <StatusDialog key={status} incident={incident} to={status} onChanged={onChanged} onClose={() => setStatus(null)} />}
    </>
  );
}, sameFacts);

const actionOf = (from: IncidentStatus, to: IncidentStatus): string => (to === 'resolved' ? 'Resolve incident' : from === 'resolved' ? 'Reopen incident' : `Set to ${statusLooks[to].word.toLowerCase()}`);

function StatusDialog({ incident, to, onChanged, onClose }: ChangeFactProps & { readonly to: IncidentStatus; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const { run, pending, error } = useCommand((change: ChangeIncidentRequest, operationId) => changeIncident(incident.id, change, operationId));
  const action = actionOf(incident.status, to);
  const submit = async () => {
    const changed = await run({ status: to, ...(reason.trim() && { reason: reason.trim() }) });
    if (!changed) return;
    onChanged(changed);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={action} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack gap={12}>
          <Textarea label="Reason" description="For those who read the timeline later; may be empty." value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={2000} autosize minRows={2} maxRows={8} data-autofocus />
          {error !== null && <ErrorNote title="The status was not changed." error={error} kept="What you wrote is still here." />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
