import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { IncrementalMarkdown, safeAddress, splitBlocks } from './blocks';
import { Markdown } from './markdown';

const show = (text: string) =>
  render(
    <MantineProvider>
      <div data-testid="text">
        <Markdown text={text} />
      </div>
    </MantineProvider>,
  ).getByTestId('text');

describe('hostile text', () => {
  it.each([
    '<script>alert(1)</script>',
    'before <img src=x onerror=alert(1)> after',
    '<svg/onload=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<style>*{display:none}</style>',
    '<div onclick="alert(1)" style="position:fixed;inset:0">x</div>',
    '```html\n<script>alert(1)</script>\n```',
  ])('is shown and not obeyed: %s', (text) => {
    const shown = show(text);
    expect(shown.querySelector('script, img, svg, iframe, style, [onclick], [onerror], [style*=fixed]')).toBeNull();
    expect(shown.querySelector('a')).toBeNull();
    expect(shown.textContent).toContain(text.includes('```') ? 'alert(1)' : text.slice(0, 10));
  });

  it.each(['[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x](data:text/html,hi)', '[x](vbscript:x)', '[x](java\tscript:alert(1))', '[x](&#106;avascript:alert(1))', '<javascript:alert(1)>', '![x](javascript:alert(1))', '[x](//evil.example)', '[x]: javascript:alert(1)\n\n[x]'])('offers no such link: %s', (text) => {
    for (const link of show(text).querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^https?:/);
  });

  it('loads no image from elsewhere: it becomes a link', () => {
    const shown = show('![cat](https://example.org/cat.png)');
    expect(shown.querySelector('img')).toBeNull();
    expect(screen.getByRole('link', { name: 'cat' }).getAttribute('rel')).toContain('noopener');
  });

  it.each([
    ['a megabyte', 'word '.repeat(200_000)],
    ['deep quotes', '>'.repeat(9_000) + ' x'],
    ['deep lists', Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth * 2)}- x`).join('\n').slice(0, 30_000)],
    ['many brackets', '['.repeat(9_000)],
    ['many stars', '*a **b '.repeat(1_500)],
    ['a long table', `|a|b|\n|-|-|\n${'|1|2|\n'.repeat(1_500)}`],
  ])('does not hold the page up: %s', (_name, text) => {
    const begin = performance.now();
    expect(new IncrementalMarkdown().parse(text).length).toBeGreaterThan(0);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

it('keeps ampersands and quotes as they were written', () => {
  expect(show('a & b < c "d" \'e\' `x & <y>` &amp;').textContent).toContain('a & b < c "d" \'e\' x & <y>');
});

it('shows code with its language and a button to copy it', () => {
  show('```sql\nselect 1;\n```');
  expect(screen.getByRole('figure', { name: 'Code, sql' }).textContent).toContain('select 1;');
  expect(screen.getByRole('button', { name: 'Copy code' })).toBeTruthy();
});

describe('text that grows', () => {
  const text = '# Head\n\nOne paragraph.\n\n- a\n\n- b\n\n```js\nlet x;\n\nlet y;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nLast words **bold**.';

  it('is cut only where no block reaches over', () => {
    expect(splitBlocks(text)).toEqual(['# Head\n\n', 'One paragraph.\n\n', '- a\n\n- b\n\n', '```js\nlet x;\n\nlet y;\n```\n\n', '| a | b |\n|---|---|\n| 1 | 2 |\n\n', 'Last words **bold**.']);
    expect(splitBlocks(text).join('')).toBe(text);
  });

  it('is parsed only where it is new', () => {
    const parser = new IncrementalMarkdown();
    const before = parser.parse(text);
    const after = parser.parse(`${text} And more.`);
    expect(after.slice(0, -1).every((block, index) => block === before[index])).toBe(true);
    expect(after.at(-1)).not.toBe(before.at(-1));
  });
});

it('judges addresses', () => {
  expect(safeAddress('https://example.org/a?b#c')).toBe('https://example.org/a?b#c');
  expect(safeAddress('#e12')).toBe('#e12');
  expect(safeAddress('/incidents/1')).toBe('/incidents/1');
  for (const bad of ['javascript:x', ' javascript:x', 'java\nscript:x', '//evil', '/\\evil', 'data:x', 'file:///x', '']) expect(safeAddress(bad)).toBeNull();
});
