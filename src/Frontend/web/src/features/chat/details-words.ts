import type { ChatMessage, ModelList, ReplyOutcome } from '@/shared/contracts';

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const seconds = (ms: number): string => (ms < 1_000 ? `${whole.format(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
const count = (value: number, noun: string): string => `${whole.format(value)} ${noun}${value === 1 ? '' : 's'}`;

/** How much there is of a conversation, and how much of it the model counted as its last prompt. */
export function contextWords(messages: readonly ChatMessage[], more: boolean, promptTokens: number | undefined): string {
  const characters = messages.reduce((sum, message) => sum + message.text.length, 0);
  const here = `${more ? 'more than ' : ''}${count(messages.length, 'message')}, ${count(characters, 'character')}`;
  return promptTokens === undefined ? here : `${here}; the last prompt was ${count(promptTokens, 'token')}`;
}

/** How fast a reply came; nothing that the model did not say. */
export function speedWords({ reply_tokens, first_token_ms, duration_ms, finish_reason }: ReplyOutcome): string {
  const writing = (duration_ms ?? 0) - (first_token_ms ?? 0);
  return [
    ...(reply_tokens === undefined ? [] : [count(reply_tokens, 'token')]),
    ...(first_token_ms === undefined ? [] : [`first after ${seconds(first_token_ms)}`]),
    ...(duration_ms === undefined ? [] : [`${seconds(duration_ms)} in all`]),
    // Below a tenth of a second the quotient says nothing.
    ...(reply_tokens === undefined || writing < 100 ? [] : [`${whole.format((reply_tokens * 1_000) / writing)} tokens/s`]),
    ...(finish_reason === 'length' ? ['ended at its longest length'] : []),
  ].join(' · ');
}

/** Whether the model would answer now, in words. */
export function modelNow({ endpoints }: ModelList, wanted: string): { readonly answers: boolean; readonly words: string } {
  const healthy = endpoints.filter((endpoint) => endpoint.healthy);
  if (healthy.length === 0) return { answers: false, words: endpoints.length === 0 ? 'no endpoint is set up' : 'no endpoint answers now' };
  const fits = healthy.find((endpoint) => endpoint.models.some((model) => wanted === '' || model.name === wanted));
  if (!fits) return { answers: false, words: wanted === '' ? 'no endpoint offers a model now' : 'no endpoint offers it now' };
  const model = fits.models.find((each) => wanted === '' || each.name === wanted);
  const queue = fits.queued > 0 ? `, ${fits.queued} waiting` : '';
  return { answers: true, words: `${[wanted === '' ? model?.name : '', model?.size, model?.simulated ? 'simulated' : ''].filter(Boolean).join(', ') || 'ready'} · ${fits.active} at work${queue}` };
}
