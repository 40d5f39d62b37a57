import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { get } from '@/shared/api';
import type { IncidentSummary } from '@/shared/contracts';
import { verbGroups } from '@/shared/keys/keys';
import { useStore } from '@/shared/use-store';
import classes from './palette.module.css';

interface Choice {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly run: () => void;
}

/** Every verb of the page, and incidents by their words. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const groups = useStore(verbGroups);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const [asked] = useDebouncedValue(text.trim(), 150);
  const found = useQuery({ queryKey: ['palette', asked], enabled: asked.length > 1, queryFn: ({ signal }) => get<readonly IncidentSummary[]>(`/api/incidents?limit=8&q=${encodeURIComponent(asked)}`, signal) });
  const words = text.toLowerCase().split(/\s+/);
  const verbs = [...groups].reverse().flatMap((group) => group.verbs.filter((verb) => !verb.keyOnly).map((verb): Choice => ({ key: verb.name, label: verb.name, hint: verb.key ?? group.title, run: verb.run })));
  const choices = [
    ...verbs.filter((choice, index) => words.every((word) => choice.label.toLowerCase().includes(word)) && verbs.findIndex((other) => other.key === choice.key) === index),
    ...(asked.length > 1 ? (found.data ?? []) : []).map((incident): Choice => ({ key: incident.id, label: incident.title, hint: `incident, ${incident.status}`, run: () => void navigate(`/incidents/${incident.id}`) })),
  ];
  const chosen = Math.min(at, choices.length - 1);
  const choose = (index: number) => {
    setAt(index);
    document.getElementById(`${list}-${index}`)?.scrollIntoView({ block: 'nearest' });
  };
  const run = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    // The dialog gives the focus back first; what the verb focuses then keeps it.
    setTimeout(choice.run, 0);
  };
  // While the answer is on its way "nothing" would be a guess.
  const looking = found.isFetching || (text.trim().length > 1 && asked !== text.trim());
  return (
    <Modal.Root opened onClose={onClose} padding={0} size="lg" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content aria-label="Find or do something">
        <Modal.Body>
          <TextInput
            variant="unstyled"
            className={classes['input']}
            placeholder="What do you want to do or find?"
            aria-label="Find or do something"
            role="combobox"
            aria-expanded={choices.length > 0}
            aria-controls={choices.length > 0 ? list : undefined}
            aria-activedescendant={choices[chosen] ? `${list}-${chosen}` : undefined}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown') choose(Math.min(chosen + 1, choices.length - 1));
              else if (event.key === 'ArrowUp') choose(Math.max(chosen - 1, 0));
              else if (event.key === 'Enter') run(choices[chosen]);
              else return;
              event.preventDefault();
            }}
            data-autofocus
          />
          {choices.length > 0 && (
            <div role="listbox" id={list} aria-label="Choices" className={classes['list']}>
              {choices.map((choice, index) => (
                <div key={choice.key} id={`${list}-${index}`} role="option" aria-selected={index === chosen} className={classes['choice']} onClick={() => run(choice)} onMouseMove={() => setAt(index)}>
                  <span>{choice.label}</span>
                  <span className={classes['hint']}>{choice.hint}</span>
                </div>
              ))}
            </div>
          )}
          <div role="status">
            {found.isError && <div className={classes['none']}>Incidents cannot be searched now: {found.error.message}</div>}
            {choices.length === 0 && !found.isError && <div className={classes['none']}>{looking ? 'Looking…' : 'Nothing matches.'}</div>}
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
