import type { Token, Tokens } from 'marked';
import { Fragment, memo, useState, type ReactNode } from 'react';
import { IncrementalMarkdown, safeAddress, type MarkdownBlock } from './blocks';
import { CodeBlock } from './code-block';
import classes from './markdown.module.css';

/**
 * Hostile text as Markdown. Parsed tokens become React elements one by one and no HTML is ever made or interpreted: a tag in the text is shown as text.
 */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  const [parser] = useState(() => new IncrementalMarkdown());
  return (
    <div className={classes['markdown']}>
      {parser.parse(text).map((block, index) => (
        <Block key={index} block={block} />
      ))}
    </div>
  );
});

const Block = memo(function Block({ block }: { readonly block: MarkdownBlock }) {
  return <>{renderAll(block.tokens)}</>;
});

const renderAll = (tokens: readonly Token[] | undefined): ReactNode => tokens?.map((token, index) => <Fragment key={index}>{render(token)}</Fragment>);

/** Undoes what the parser escapes for the HTML that we do not make. */
function unescape(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_match, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '');
}

function render(token: Token): ReactNode {
  const renderer = renderers[token.type];
  return renderer ? renderer(token) : token.raw;
}

const inner = (token: Token): ReactNode => renderAll((token as Tokens.Generic).tokens);

const renderers: Readonly<Record<string, (token: never) => ReactNode>> & Record<string, ((token: Token) => ReactNode) | undefined> = {
  space: () => null,
  def: () => null,
  hr: () => <hr />,
  br: () => <br />,
  paragraph: (token: Token) => <p>{inner(token)}</p>,
  blockquote: (token: Token) => <blockquote>{inner(token)}</blockquote>,
  strong: (token: Token) => <strong>{inner(token)}</strong>,
  em: (token: Token) => <em>{inner(token)}</em>,
  del: (token: Token) => <del>{inner(token)}</del>,
  text: (token: Token) => ((token as Tokens.Text).tokens ? inner(token) : (token as Tokens.Text).escaped ? unescape((token as Tokens.Text).text) : (token as Tokens.Text).text),
  escape: (token: Token) => unescape((token as Tokens.Escape).text),
  codespan: (token: Token) => <code>{(token as Tokens.Codespan).text}</code>,
  code: (token: Token) => <CodeBlock text={(token as Tokens.Code).text} language={(token as Tokens.Code).lang ?? ''} />,
  // An image would be a request to another origin, which tells its owner who reads this: a link instead.
  image: (token: Token) => link((token as Tokens.Image).href, (token as Tokens.Image).text || (token as Tokens.Image).href),
  link: (token: Token) => link((token as Tokens.Link).href, inner(token)),
  heading: (token: Token) => <Heading token={token as Tokens.Heading} />,
  list: (token: Token) => <List token={token as Tokens.List} />,
  table: (token: Token) => <Table token={token as Tokens.Table} />,
  html: (token: Token) => token.raw,
  plain: (token: Token) => <div className={classes['plain']}>{token.raw}</div>,
};

function link(address: string, content: ReactNode): ReactNode {
  const safe = safeAddress(address);
  if (safe === null) return <>{content}</>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer nofollow ugc">
      {content}
    </a>
  );
}

/** Headings within a message stand below the page's own. */
function Heading({ token }: { readonly token: Tokens.Heading }) {
  const Level = `h${Math.min(6, token.depth + 2)}` as 'h3';
  return <Level>{inner(token)}</Level>;
}

function List({ token }: { readonly token: Tokens.List }) {
  const items = token.items.map((item, index) => (
    <li key={index} className={item.task ? classes['task'] : undefined}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} readOnly disabled aria-label={item.checked ? 'done' : 'to do'} />}
      {renderAll(item.tokens.filter((part) => part.type !== 'checkbox'))}
    </li>
  ));
  return token.ordered ? <ol start={typeof token.start === 'number' ? token.start : 1}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ token }: { readonly token: Tokens.Table }) {
  return (
    <div className={classes['scroll']} tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <tr>
            {token.header.map((cell, index) => (
              <th key={index} scope="col" align={cell.align ?? undefined}>
                {renderAll(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} align={cell.align ?? undefined}>
                  {renderAll(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
