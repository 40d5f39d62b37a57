import { Alert, Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, get } from '@/shared/api';
import type { BotStatus, BotView, ModelList } from '@/shared/contracts';
import { useVerbs } from '@/shared/keys/keys';
import { RunningBadge } from '@/shared/ui/badges';
import { ErrorNote } from '@/shared/ui/error-note';
import { usePageTitle } from '@/shared/ui/page-title';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { useCommand } from '@/shared/use-command';
import { BotDialog } from './bot-dialog';
import classes from './bots.module.css';

export function BotsPage() {
  const bots = useQuery({ queryKey: ['bots'], queryFn: ({ signal }) => get<readonly BotView[]>('/api/bots', signal) });
  const models = useQuery({ queryKey: ['models'], queryFn: ({ signal }) => get<ModelList>('/api/models', signal), refetchInterval: 15_000 });
  const [editing, setEditing] = useState<BotView | 'new' | null>(null);
  usePageTitle('Bots');
  useVerbs('Bots', [{ name: 'Launch a bot', key: 'c', run: () => setEditing('new') }]);
  return (
    <main className={classes['page']}>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Bots
        </Title>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEditing('new')}>
          Launch a bot
        </Button>
      </Group>
      <ModelState models={models.data} />
      {bots.isPending && <SlowSkeleton />}
      {bots.isError && <ErrorNote title="The bots cannot be read." error={bots.error} onRetry={() => void bots.refetch()} />}
      {bots.data?.length === 0 && (
        <Stack align="flex-start" gap={8} py={32}>
          <Title order={2} size="h5">
            No bot yet.
          </Title>
          <Text c="dimmed">A bot has a name, a persona and a model. Launch one, then chat with it.</Text>
        </Stack>
      )}
      {bots.data && bots.data.length > 0 && (
        <Table verticalSpacing={6} className={classes['table']}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Bot</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Model</Table.Th>
              <Table.Th>Persona</Table.Th>
              <Table.Th>
                <span className={classes['hidden']}>Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bots.data.map((bot) => (
              <BotRow key={bot.id} bot={bot} onConfigure={() => setEditing(bot)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {editing !== null && <BotDialog bot={editing === 'new' ? null : editing} models={models.data} onClose={() => setEditing(null)} />}
    </main>
  );
}

function BotRow({ bot, onConfigure }: { readonly bot: BotView; readonly onConfigure: () => void }) {
  const client = useQueryClient();
  const { run, pending, error } = useCommand(async (status: BotStatus, idempotencyKey) => (await call<BotView>(`/api/bots/${bot.id}`, { method: 'PATCH', body: { status }, idempotencyKey })).value);
  const next: BotStatus = bot.status === 'running' ? 'stopped' : 'running';
  return (
    <Table.Tr>
      <Table.Td className={classes['name']}>
        <strong>{bot.name}</strong> <span className={classes['quiet']}>{bot.id}</span>
        {error !== null && <ErrorNote title={`${bot.name} was not changed.`} error={error} />}
      </Table.Td>
      <Table.Td>
        <RunningBadge running={bot.status === 'running'} />
      </Table.Td>
      <Table.Td>{bot.model || <span className={classes['quiet']}>the first offered</span>}</Table.Td>
      <Table.Td className={classes['persona']}>
        <Text lineClamp={2} size="sm" title={bot.persona}>
          {bot.persona || <span className={classes['quiet']}>none</span>}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap" justify="flex-end">
          {bot.status === 'running' && (
            <Button component={Link} to={`/chat?bot=${bot.id}`} size="compact-sm" variant="default" aria-label={`Chat with ${bot.name}`}>
              Chat
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={onConfigure} aria-label={`Configure ${bot.name}`}>
            Configure
          </Button>
          <Button size="compact-sm" variant="default" loading={pending} aria-label={`${next === 'running' ? 'Start' : 'Stop'} ${bot.name}`} onClick={() => void run(next).then((changed) => changed && client.invalidateQueries({ queryKey: ['bots'] }))}>
            {next === 'running' ? 'Start' : 'Stop'}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function ModelState({ models }: { readonly models: ModelList | undefined }) {
  if (!models) return null;
  const healthy = models.endpoints.filter((endpoint) => endpoint.healthy);
  if (healthy.length === 0) {
    return (
      <Alert color="red" variant="light" title="Ollama temporarily unavailable" role="alert">
        Bots cannot answer now; messages are kept and can be sent again. {models.endpoints.map((endpoint) => `${endpoint.url}: ${endpoint.error ?? 'no answer'}`).join(' · ')}
      </Alert>
    );
  }
  if (healthy.every((endpoint) => endpoint.models.length > 0 && endpoint.models.every((model) => model.simulated))) {
    return (
      <Alert color="yellow" variant="light" title="The model is simulated">
        Bots answer with canned text. Install Ollama and start Warroom again for real answers.
      </Alert>
    );
  }
  return null;
}
