import { IconBell, IconRobot, IconServer } from '@tabler/icons-react';
import type { Author } from '../contracts';
import classes from './author.module.css';

const marks = { bot: { icon: IconRobot, word: 'bot' }, alert: { icon: IconBell, word: 'alert source' }, system: { icon: IconServer, word: 'Warroom' } } as const;

/** Who wrote; a machine is marked as one. */
export function AuthorName({ author }: { readonly author: Author }) {
  if (author.kind === 'person') return <span className={classes['name']}>{author.name}</span>;
  const { icon: Mark, word } = marks[author.kind];
  return (
    <span className={classes['name']}>
      <Mark size={14} aria-hidden /> {author.name}
      {author.name !== word && <span className={classes['mark']}>{word}</span>}
    </span>
  );
}
