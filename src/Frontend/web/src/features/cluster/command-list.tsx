import { Table, Text, Title } from '@mantine/core';
import type { OperatorCommand, SiloEntry } from '@/shared/contracts';
import { ErrorNote } from '@/shared/ui/error-note';
import { LocalTime } from '@/shared/ui/time';
import { useCommands } from './use-cluster';
import classes from './cluster.module.css';

const outcomes = { done: 'done', not_active: 'was not in memory', failed: 'failed' } as const;

/** What operators asked for, the latest first. */
export function CommandList({ silos }: { readonly silos: readonly SiloEntry[] }) {
  const commands = useCommands();
  if (commands.isError && !commands.data) return <ErrorNote title="What operators did cannot be read." error={commands.error} onRetry={() => void commands.refetch()} />;
  if (!commands.data) return null;
  return (
    <section className={classes['section']} aria-labelledby="cluster-commands">
      <Title order={2} size="h5" id="cluster-commands">
        What operators did
      </Title>
      {commands.data.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing in the last 90 days. Drains, and grains that were sent out of memory, are kept here with who asked for them.
        </Text>
      ) : (
        <Table className={`${classes['table']} ${classes['short']}`} verticalSpacing={4} aria-labelledby="cluster-commands">
          <Table.Tbody>
            {commands.data.map((command) => (
              <Table.Tr key={command.id}>
                <Table.Td className={classes['text']}>
                  <LocalTime at={command.requested_at} />
                </Table.Td>
                <Table.Td>{command.requested_by}</Table.Td>
                <Table.Td className={classes['silo']}>
                  {command.kind === 'drain' ? 'drain' : 'deactivate'} <code title={command.silo_id}>{targetOf(command, silos)}</code>
                </Table.Td>
                <Table.Td className={classes['text']}>{command.outcome ? outcomes[command.outcome] : stateOf(command, silos)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}

const targetOf = (command: OperatorCommand, silos: readonly SiloEntry[]): string => command.grain_id ?? silos.find((silo) => silo.id === command.silo_id)?.name ?? command.silo_id ?? '';

/** A silo that died in the middle of its drain never says how it went. */
function stateOf(command: OperatorCommand, silos: readonly SiloEntry[]): string {
  const silo = silos.find((each) => each.id === command.silo_id);
  if (command.kind === 'drain' && (!silo || silo.status === 'dead')) return 'the silo died before it was done';
  return command.started_at ? 'going on' : 'asked for';
}
