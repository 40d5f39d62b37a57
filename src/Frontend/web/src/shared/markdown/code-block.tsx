import { CopyButton } from '../ui/copy-button';
import classes from './markdown.module.css';

export function CodeBlock({ text, language }: { readonly text: string; readonly language: string }) {
  const name = /^[\w+#.-]{1,30}/.exec(language)?.[0] ?? '';
  return (
    <figure className={classes['code']} aria-label={name ? `Code, ${name}` : 'Code'}>
      <figcaption>
        <span>{name || 'text'}</span>
        <CopyButton text={text} label="Copy code" />
      </figcaption>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}
