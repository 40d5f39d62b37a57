import { Autocomplete, Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ApiError, call, get } from '@/shared/api';
import { incidentLimits, severityValues, type IncidentView, type OpenIncidentRequest, type ServiceEntry, type Severity } from '@/shared/contracts';
import { useDraft } from '@/shared/outbox/draft';
import { severityLooks } from '@/shared/ui/badges';
import { ErrorNote } from '@/shared/ui/error-note';
import { useCommand } from '@/shared/use-command';

const send = async (request: OpenIncidentRequest, idempotencyKey: string): Promise<IncidentView> => (await call<IncidentView>('/api/incidents', { method: 'POST', body: request, idempotencyKey })).value;

const hints: Readonly<Record<Severity, string>> = { critical: 'customers cannot work', high: 'customers are hindered', medium: 'some notice', low: 'nobody notices yet' };

/** Which field a refusal is about, by its code or, where one code serves all fields, by its sentence. */
export function fieldOf(error: unknown): 'title' | 'description' | 'service' | 'severity' | null {
  if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) return null;
  const words = `${error.code} ${error.message}`.toLowerCase();
  return (['title', 'severity', 'service', 'description'] as const).find((field) => words.includes(field)) ?? null;
}

export function ReportDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const [title, setTitle] = useDraft('report.title');
  const [description, setDescription] = useDraft('report.description');
  const [severity, setSeverity] = useState<Severity>('medium');
  const [service, setService] = useState('');
  const [empty, setEmpty] = useState(false);
  const services = useQuery({ queryKey: ['services'], queryFn: ({ signal }) => get<readonly ServiceEntry[]>('/api/services', signal) });
  const { run, pending, error } = useCommand(send);
  const field = fieldOf(error);
  const errorAt = (name: typeof field) => (field === name && error instanceof Error ? error.message : undefined);
  const report = async () => {
    setEmpty(title.trim() === '');
    if (title.trim() === '') return;
    const incident = await run({ title: title.trim(), severity, ...(description.trim() && { description }), ...(service.trim() && { service: service.trim() }) });
    if (!incident) return;
    setTitle('');
    setDescription('');
    void navigate(`/incidents/${incident.id}`);
  };
  return (
    <Modal opened onClose={onClose} title="Report an incident" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void report();
        }}
      >
        <Stack gap={12}>
          <TextInput label="Title" withAsterisk value={title} onChange={(event) => setTitle(event.currentTarget.value)} error={empty && title.trim() === '' ? 'Say in a few words what is wrong.' : errorAt('title')} maxLength={incidentLimits.titleLengthMax} data-autofocus />
          <Select label="Severity" data={severityValues.map((value) => ({ value, label: `${severityLooks[value].word}: ${hints[value]}` }))} value={severity} onChange={(value) => value !== null && setSeverity(value)} allowDeselect={false} error={errorAt('severity')} />
          <Autocomplete label="Service" description="The one that is in trouble, as far as known." data={(services.data ?? []).map((entry) => entry.name)} value={service} onChange={setService} error={errorAt('service')} />
          <Textarea label="Description" description="What is seen, since when. Markdown." value={description} onChange={(event) => setDescription(event.currentTarget.value)} error={errorAt('description')} maxLength={incidentLimits.descriptionLengthMax} autosize minRows={3} maxRows={12} />
          {error !== null && field === null && <ErrorNote title="The incident is not reported yet." error={error} kept="What you wrote is kept; pressing the button again cannot report it twice." />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              Report incident
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
