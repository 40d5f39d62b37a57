import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '@/shared/api';
import { botLimits, type BotView, type LaunchBotRequest, type ModelList } from '@/shared/contracts';
import { ErrorNote } from '@/shared/ui/error-note';
import { useCommand } from '@/shared/use-command';

interface BotDialogProps {
  /** The one to configure; null launches a new one. */
  readonly bot: BotView | null;
  readonly models: ModelList | undefined;
  readonly onClose: () => void;
}

export function BotDialog({ bot, models, onClose }: BotDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState(bot?.name ?? '');
  const [persona, setPersona] = useState(bot?.persona ?? '');
  const [model, setModel] = useState(bot?.model ?? '');
  const [asked, setAsked] = useState(false);
  const { run, pending, error } = useCommand(async (request: LaunchBotRequest, idempotencyKey) => (await call<BotView>(bot ? `/api/bots/${bot.id}` : '/api/bots', { method: bot ? 'PATCH' : 'POST', body: request, idempotencyKey })).value);
  const offered = (models?.endpoints ?? []).flatMap((endpoint) => endpoint.models).map((entry) => ({ value: entry.name, label: entry.simulated ? `${entry.name} (simulated)` : entry.name }));
  const data = [{ value: '', label: 'The first that is offered' }, ...offered, ...(model ? [{ value: model, label: model }] : [])].filter((option, index, all) => all.findIndex((other) => other.value === option.value) === index);
  const save = async () => {
    setAsked(true);
    if (name.trim() === '') return;
    if (!(await run({ name: name.trim(), persona, model }))) return;
    void client.invalidateQueries({ queryKey: ['bots'] });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={bot ? `Configure ${bot.name}` : 'Launch a bot'} size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap={12}>
          <TextInput label="Name" withAsterisk value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={botLimits.nameLengthMax} error={asked && name.trim() === '' ? 'A bot needs a name.' : undefined} data-autofocus />
          <Textarea label="Persona" description="What the bot is told before each conversation." value={persona} onChange={(event) => setPersona(event.currentTarget.value)} maxLength={botLimits.personaLengthMax} autosize minRows={4} maxRows={14} />
          <Select label="Model" data={data} value={model} onChange={(value) => setModel(value ?? '')} allowDeselect={false} />
          {error !== null && <ErrorNote title={bot ? 'The bot was not changed.' : 'The bot was not launched.'} error={error} kept="What you wrote is still here." />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              {bot ? 'Save' : 'Launch'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
