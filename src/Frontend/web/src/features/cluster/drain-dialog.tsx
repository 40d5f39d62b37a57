import { Alert, Button, Checkbox, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '@/shared/api';
import type { OperatorCommand, SiloEntry } from '@/shared/contracts';
import { ErrorNote } from '@/shared/ui/error-note';
import { useCommand } from '@/shared/use-command';
import { distinctName, formatCount, isLast } from './figures';

interface DrainDialogProps {
  readonly silo: SiloEntry;
  readonly silos: readonly SiloEntry[];
  readonly onClose: () => void;
}

interface Drain {
  readonly id: string;
  readonly force: boolean;
}

const drain = async ({ id, force }: Drain, idempotencyKey: string): Promise<OperatorCommand> => (await call<OperatorCommand>(`/api/cluster/silos/${encodeURIComponent(id)}/drain${force ? '?force=true' : ''}`, { method: 'POST', idempotencyKey })).value;

/** Says what a drain does before it is done. */
export function DrainDialog({ silo, silos, onClose }: DrainDialogProps) {
  const client = useQueryClient();
  const [accepted, setAccepted] = useState(false);
  const { run, pending, error } = useCommand(drain);
  const last = isLast(silo, silos);
  const name = distinctName(silo, silos);
  const grains = silo.figures?.activations;
  const start = async () => {
    if (!(await run({ id: silo.id, force: last && accepted }))) return;
    void client.invalidateQueries({ queryKey: ['cluster'] });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={`Drain ${name}?`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap={12}>
        <List size="sm" spacing={4}>
          <List.Item>It takes no new grains and hands {grains === undefined ? 'its grains' : grains === 1 ? 'its 1 grain' : `its ${formatCount(grains)} grains`} over to the other silos. Calls go on meanwhile and none fails.</List.Item>
          {silo.figures?.with_frontend && <List.Item>A front end is in the same process: it stops taking requests, and pages that are connected to it connect elsewhere.</List.Item>}
          <List.Item>Then its process ends with code 0. It comes back when somebody, or what supervises it, starts it again.</List.Item>
          <List.Item>Your name and the time are kept in the list below.</List.Item>
        </List>
        {last && (
          <Alert color="red" variant="light" title="No other silo serves">
            <Text size="sm">After it nobody gets an answer until a silo starts. What is stored stays.</Text>
            <Checkbox mt={8} checked={accepted} onChange={(event) => setAccepted(event.currentTarget.checked)} label="Drain it all the same" />
          </Alert>
        )}
        {error !== null && <ErrorNote title={`${name} was not drained.`} error={error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={pending} disabled={last && !accepted} onClick={() => void start()}>
            Drain {name} now
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
