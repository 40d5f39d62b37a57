import { Button, Group, Modal, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '@/shared/api';
import { serviceHealthValues, type PutServiceRequest, type ServiceEntry, type ServiceHealth } from '@/shared/contracts';
import { healthLooks } from '@/shared/ui/badges';
import { ErrorNote } from '@/shared/ui/error-note';
import { useCommand } from '@/shared/use-command';

interface ServiceDialogProps {
  /** The one to change; null registers a new one. */
  readonly service: ServiceEntry | null;
  /** All names of the catalogue, to choose from. */
  readonly names: readonly string[];
  readonly onClose: () => void;
}

interface Put extends PutServiceRequest {
  readonly name: string;
}

const put = async ({ name, ...request }: Put, idempotencyKey: string): Promise<ServiceEntry> => (await call<ServiceEntry>(`/api/services/${encodeURIComponent(name)}`, { method: 'PUT', body: request, idempotencyKey })).value;

export function ServiceDialog({ service, names, onClose }: ServiceDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState(service?.name ?? '');
  const [description, setDescription] = useState(service?.description ?? '');
  const [owner, setOwner] = useState(service?.owner ?? '');
  const [dependsOn, setDependsOn] = useState<string[]>([...(service?.depends_on ?? [])]);
  const [health, setHealth] = useState<ServiceHealth>(service?.health ?? 'unknown');
  const [asked, setAsked] = useState(false);
  const { run, pending, error } = useCommand(put);
  const clash = service === null && names.includes(name.trim());
  const nameError = asked && name.trim() === '' ? 'A service needs a name: lower-case letters, digits, - _ and .' : clash ? 'A service of this name is registered already.' : undefined;
  const save = async () => {
    setAsked(true);
    if (name.trim() === '' || clash) return;
    if (!(await run({ name: name.trim(), description, owner, depends_on: dependsOn, health }))) return;
    void client.invalidateQueries({ queryKey: ['services'] });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={service ? service.name : 'Register a service'} size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap={12}>
          {service === null && <TextInput label="Name" withAsterisk value={name} onChange={(event) => setName(event.currentTarget.value)} error={nameError} maxLength={100} data-autofocus />}
          <Select label="Health" data={serviceHealthValues.map((value) => ({ value, label: healthLooks[value].word }))} value={health} onChange={(value) => value !== null && setHealth(value)} allowDeselect={false} />
          <TextInput label="Owner" value={owner} onChange={(event) => setOwner(event.currentTarget.value)} maxLength={100} />
          <TagsInput label="Depends on" data={names.filter((other) => other !== name)} value={dependsOn} onChange={setDependsOn} maxTags={100} clearable />
          <Textarea label="Description" value={description} onChange={(event) => setDescription(event.currentTarget.value)} maxLength={2000} autosize minRows={2} maxRows={8} />
          {error !== null && <ErrorNote title={service ? 'The service was not changed.' : 'The service was not registered.'} error={error} kept="What you wrote is still here." />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              {service ? 'Save' : 'Register'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
