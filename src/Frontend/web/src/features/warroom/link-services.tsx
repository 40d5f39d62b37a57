import { Button, Group, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { memo, useState } from 'react';
import { incidentLimits, type IncidentView } from '@/shared/contracts';
import { ErrorNote } from '@/shared/ui/error-note';
import { useCommand } from '@/shared/use-command';
import { linkServices, readServices } from './commands';
import { sameFacts } from './same-facts';

interface LinkServicesProps {
  readonly incident: IncidentView;
  readonly onChanged: (incident: IncidentView) => void;
}

export const LinkServices = memo(function LinkServices({ incident, onChanged }: LinkServicesProps) {
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <Button variant="subtle" size="compact-sm" mt={4} onClick={() => setOpen(true)}>
        Link services
      </Button>
    );
  }
  return <LinkForm incident={incident} onChanged={onChanged} onClose={() => setOpen(false)} />;
}, sameFacts);

function LinkForm({ incident, onChanged, onClose }: LinkServicesProps & { readonly onClose: () => void }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const services = useQuery({ queryKey: ['services'], queryFn: readServices });
  const { run, pending, error } = useCommand((names: readonly string[], operationId) => linkServices(incident.id, names, operationId));
  const offered = (services.data ?? []).map((service) => service.name).filter((name) => !incident.services.includes(name));
  const link = async () => {
    const changed = await run(chosen);
    if (!changed) return;
    onChanged(changed);
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void link();
      }}
    >
      <TagsInput label="Services to link" data={offered} value={chosen} onChange={setChosen} maxTags={incidentLimits.servicesMax} autoFocus mt={4} clearable />
      {error !== null && <ErrorNote title="The services were not linked." error={error} />}
      <Group gap={8} mt={8}>
        <Button type="submit" size="compact-md" loading={pending} disabled={chosen.length === 0}>
          Link
        </Button>
        <Button size="compact-md" variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
