import { Chip, Group, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState, type Ref } from 'react';
import { incidentStatusValues, severityValues } from '@/shared/contracts';
import { severityLooks, statusLooks } from '@/shared/ui/badges';
import type { IncidentFilter } from './incident-query';

interface FiltersProps {
  readonly search: URLSearchParams;
  readonly setSearch: (search: URLSearchParams, options?: { replace?: boolean }) => void;
  readonly filter: IncidentFilter;
  readonly findRef: Ref<HTMLInputElement>;
  readonly total: number | null;
}

const typingPauseMs = 200;

/** The filters live in the address: a link to a list is a link to what one sees. */
export function Filters({ search, setSearch, filter, findRef, total }: FiltersProps) {
  const [text, setText] = useState(filter.text);
  useEffect(() => {
    if (text === filter.text) return;
    const timer = setTimeout(() => {
      const next = new URLSearchParams(search);
      if (text) next.set('q', text);
      else next.delete('q');
      setSearch(next, { replace: true });
    }, typingPauseMs);
    return () => clearTimeout(timer);
  }, [text, filter.text, search, setSearch]);
  const choose = (name: string, values: readonly string[]) => {
    const next = new URLSearchParams(search);
    next.delete(name);
    for (const value of values) next.append(name, value);
    setSearch(next);
  };
  return (
    <Group gap={8}>
      <TextInput ref={findRef} value={text} onChange={(event) => setText(event.currentTarget.value)} aria-label="Find incidents" placeholder="Find ( / )" leftSection={<IconSearch size={16} aria-hidden />} type="search" w={200} />
      <Group gap={4} role="group" aria-label="Status">
        <Chip.Group multiple value={[...filter.statuses]} onChange={(values) => choose('status', values.length === 0 || values.length === incidentStatusValues.length ? ['any'] : values)}>
          {incidentStatusValues.map((status) => (
            <Chip key={status} value={status} size="xs" radius="sm" variant="outline">
              {statusLooks[status].word}
            </Chip>
          ))}
        </Chip.Group>
      </Group>
      <Group gap={4} role="group" aria-label="Severity">
        <Chip.Group multiple value={[...filter.severities]} onChange={(values) => choose('severity', values)}>
          {severityValues.map((severity) => (
            <Chip key={severity} value={severity} size="xs" radius="sm" variant="outline">
              {severityLooks[severity].word}
            </Chip>
          ))}
        </Chip.Group>
      </Group>
      {filter.service !== '' && (
        <Chip checked onChange={() => choose('service', [])} size="xs" radius="sm" variant="outline">
          Service {filter.service}
        </Chip>
      )}
      {total !== null && (
        <Text c="dimmed" size="sm" ml="auto" role="status">
          {total === 1 ? '1 incident' : `${total} incidents`}
        </Text>
      )}
    </Group>
  );
}
