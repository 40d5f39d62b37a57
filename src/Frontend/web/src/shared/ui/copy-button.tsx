import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
}

type Copied = 'no' | 'yes' | 'refused';

/** Copies, and says in its own place whether it did. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [copied, setCopied] = useState<Copied>('no');
  useEffect(() => {
    if (copied === 'no') return;
    const timer = setTimeout(() => setCopied('no'), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const words: Record<Copied, string> = { no: 'Copy', yes: 'Copied', refused: 'Not allowed' };
  return (
    <Button variant="subtle" size="compact-xs" color="gray" aria-label={copied === 'no' ? label : words[copied]} onClick={() => void copy(text).then((done) => setCopied(done ? 'yes' : 'refused'))}>
      {words[copied]}
    </Button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Refused by the browser, or absent on plain HTTP from another machine: the button says so.
    return false;
  }
}
