import { Button, Textarea } from '@mantine/core';
import { IconPlayerStopFilled, IconSend2 } from '@tabler/icons-react';
import { useRef, type Ref } from 'react';
import { botLimits } from '@/shared/contracts';
import classes from './chat.module.css';

interface ComposerProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onSend: (text: string) => void;
  /** Given while a reply is coming: Stop stands where Send was. */
  readonly onStop?: () => void;
  readonly disabled?: boolean;
  readonly boxRef: Ref<HTMLTextAreaElement>;
}

/** The message box. Enter sends, Shift-Enter begins a line. One may type on while the bot answers. */
export function Composer({ text, onText, onSend, onStop, disabled = false, boxRef }: ComposerProps) {
  const form = useRef<HTMLFormElement>(null);
  const left = botLimits.messageLengthMax - text.length;
  const blocked = disabled || text.trim() === '' || left < 0;
  return (
    <form
      ref={form}
      className={classes['composer']}
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked || onStop) return;
        onSend(text);
      }}
    >
      <Textarea
        ref={boxRef}
        aria-label="Message"
        placeholder="Message"
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          form.current?.requestSubmit();
        }}
        autosize
        minRows={1}
        maxRows={10}
        error={left < 0 ? `${-left} characters too long. A message has at most ${botLimits.messageLengthMax}.` : undefined}
        className={classes['text']}
      />
      {onStop ? (
        <Button type="button" variant="default" w={112} leftSection={<IconPlayerStopFilled size={16} aria-hidden />} onClick={onStop}>
          Stop
        </Button>
      ) : (
        <Button type="submit" w={112} disabled={blocked} leftSection={<IconSend2 size={16} aria-hidden />}>
          Send
        </Button>
      )}
    </form>
  );
}
