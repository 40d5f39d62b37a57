import { SegmentedControl, Stack, Text, TextInput, Title, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '@/shared/api';
import type { About } from '@/shared/contracts';
import { actor, rename } from '@/shared/identity';
import { usePageTitle } from '@/shared/ui/page-title';
import { useStore } from '@/shared/use-store';

const schemes = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

export function SettingsPage() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = useStore(actor);
  const [draft, setDraft] = useState(name);
  const about = useQuery({ queryKey: ['about'], queryFn: ({ signal }) => get<About>('/api/about', signal) });
  usePageTitle('Settings');
  return (
    <Stack component="main" gap={24} p={16} maw={640} mx="auto" w="100%">
      <Title order={1} size="h3">
        Settings
      </Title>
      <TextInput
        label="Your name"
        description="Stands beside what you write. Nobody signs in yet, so it is what you say it is; kept in this browser."
        placeholder="responder"
        value={draft}
        maxLength={80}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => rename(draft.trim())}
        onKeyDown={(event) => event.key === 'Enter' && rename(draft.trim())}
      />
      <Stack gap={4} align="flex-start">
        <Text size="sm" fw={500} id="scheme">
          Colours
        </Text>
        <SegmentedControl aria-labelledby="scheme" data={[...schemes]} value={colorScheme} onChange={setColorScheme} />
      </Stack>
      <Stack gap={4}>
        <Title order={2} size="h5">
          About
        </Title>
        {about.data && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            Warroom {about.data.version}. {about.data.simulated_models ? 'The model is simulated: bots answer with canned text.' : 'Bots answer with a real model.'} {about.data.sample_services && 'The catalogue holds sample services.'}
          </Text>
        )}
        {about.isError && <Text size="sm">What runs is not known: {about.error.message}</Text>}
      </Stack>
    </Stack>
  );
}
