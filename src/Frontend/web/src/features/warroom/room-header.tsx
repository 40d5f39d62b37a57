import { ActionIcon, Button, Group, Modal, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { memo, useState, type ReactNode } from 'react';
import { incidentLimits, type ChangeIncidentRequest, type IncidentView } from '@/shared/contracts';
import { useVerbs } from '@/shared/keys/keys';
import { SeverityBadge, StatusBadge } from '@/shared/ui/badges';
import { ErrorNote } from '@/shared/ui/error-note';
import { Timer } from '@/shared/ui/time';
import { useCommand } from '@/shared/use-command';
import { changeIncident } from './commands';
import { sameFacts } from './same-facts';
import classes from './war-room-page.module.css';

interface RoomHeaderProps {
  readonly incident: IncidentView;
  readonly onChanged: (incident: IncidentView) => void;
  readonly children?: ReactNode;
}

export const RoomHeader = memo(function RoomHeader({ incident, onChanged, children }: RoomHeaderProps) {
  const [editing, setEditing] = useState(false);
  useVerbs('War-room', [{ name: 'Edit title and description', key: 'e', run: () => setEditing(true) }]);
  return (
    <header className={classes['header']}>
      <div className={classes['title']}>
        <Title order={1} size="h4">
          {incident.title}
        </Title>
        <Group gap={12}>
          <SeverityBadge severity={incident.severity} />
          <StatusBadge status={incident.status} />
          <Timer at={incident.started_at} until={incident.resolved_at} className={classes['timer']} />
        </Group>
      </div>
      <Group gap={4} wrap="nowrap">
        <ActionIcon variant="default" size="lg" aria-label="Edit title and description" onClick={() => setEditing(true)}>
          <IconPencil size={18} aria-hidden />
        </ActionIcon>
        {children}
      </Group>
      {editing && <EditDialog incident={incident} onChanged={onChanged} onClose={() => setEditing(false)} />}
    </header>
  );
}, (one, other) => sameFacts(one, other) && one.children === other.children);

function EditDialog({ incident, onChanged, onClose }: { readonly incident: IncidentView; readonly onChanged: (incident: IncidentView) => void; readonly onClose: () => void }) {
  const [title, setTitle] = useState(incident.title);
  const [description, setDescription] = useState(incident.description);
  const { run, pending, error } = useCommand((change: ChangeIncidentRequest, operationId) => changeIncident(incident.id, change, operationId));
  const save = async () => {
    const change = { ...(title.trim() !== incident.title && { title: title.trim() }), ...(description !== incident.description && { description }) };
    if (Object.keys(change).length === 0) {
      onClose();
      return;
    }
    const changed = await run(change);
    if (!changed) return;
    onChanged(changed);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Edit title and description" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap={12}>
          <TextInput label="Title" value={title} onChange={(event) => setTitle(event.currentTarget.value)} maxLength={incidentLimits.titleLengthMax} error={title.trim() === '' ? 'A title is needed.' : undefined} data-autofocus />
          <Textarea label="Description" description="Markdown" value={description} onChange={(event) => setDescription(event.currentTarget.value)} maxLength={incidentLimits.descriptionLengthMax} autosize minRows={4} maxRows={14} />
          {error !== null && <ErrorNote title="The incident was not changed." error={error} kept="What you wrote is still here." />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending} disabled={title.trim() === ''}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
