import { Lexer, type Token } from 'marked';

export interface MarkdownBlock {
  readonly raw: string;
  readonly tokens: readonly Token[];
}

/** Longer texts are shown as they are: nobody reads them as prose, and parsing them would hold the page up. */
export const markdownLengthMax = 100_000;

/** Deeper quotes and lists than this are shown as they are. */
const nestingMax = 40;

/** One paragraph of more than this is not parsed for emphasis and links: that costs more than linear time. */
const inlineLengthMax = 20_000;

const plain = (raw: string): MarkdownBlock => ({ raw, tokens: [{ type: 'plain', raw, text: raw }] });

function tooDeep(text: string): boolean {
  return new RegExp(`^(?:[ \\t]*(?:>|[-*+][ \\t]|\\d{1,9}[.)][ \\t])){${nestingMax}}`, 'm').test(text) || /[[(*_~`<]{200}/.test(text);
}

function parse(text: string): MarkdownBlock {
  if (text.length > inlineLengthMax || tooDeep(text)) return plain(text);
  try {
    return { raw: text, tokens: Lexer.lex(text, { gfm: true, breaks: true }) };
  } catch {
    // A text that the parser cannot digest is still a text.
    return plain(text);
  }
}

/**
 * Splits Markdown where a blank line ends a block and none can reach over it: not inside a fence of code, not before indented text (a list may go on).
 * Text that only grows keeps all of its blocks but the last.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let begin = 0;
  let position = 0;
  let fence: string | null = null;
  let blank = false;
  for (const line of text.split(/(?<=\n)/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)/.exec(line);
    const empty = line.trim() === '';
    if (fence === null && blank && !empty && !/^[ \t]/.test(line) && !continuesList(text.slice(begin, position), line)) {
      blocks.push(text.slice(begin, position));
      begin = position;
    }
    if (mark?.[1] !== undefined) {
      if (fence === null) fence = mark[1];
      else if (mark[1].startsWith(fence) && (mark[2] ?? '').trim() === '') fence = null;
    }
    blank = empty && fence === null;
    position += line.length;
  }
  if (begin < text.length) blocks.push(text.slice(begin));
  return blocks;
}

const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]/;
const continuesList = (block: string, line: string) => listItem.test(line) && listItem.test(block);

/** Parses a text that grows: what is unchanged since the last time is not parsed again. */
export class IncrementalMarkdown {
  #blocks: readonly MarkdownBlock[] = [];

  parse(text: string): readonly MarkdownBlock[] {
    if (text.length > markdownLengthMax) return (this.#blocks = [plain(text)]);
    const parts = splitBlocks(text);
    this.#blocks = parts.map((part, index) => {
      const known = this.#blocks[index];
      return known?.raw === part ? known : parse(part);
    });
    return this.#blocks;
  }
}

const safeScheme = /^(?:https?:|mailto:)/i;

/** The address of a link if it is one that a page may offer: http, https, mailto, or a place on this page. */
export function safeAddress(address: string): string | null {
  const trimmed = address.trim();
  // Browsers ignore control characters within a scheme ("java\nscript:"), so nothing that has some is let through.
   
  if (/[\u0000-\u0020\u007f]/.test(trimmed)) return null;
  if (trimmed.startsWith('#') || (trimmed.startsWith('/') && !trimmed.startsWith('//') && !trimmed.startsWith('/\\'))) return trimmed;
  return safeScheme.test(trimmed) ? trimmed : null;
}
