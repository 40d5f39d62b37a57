import { Button, Textarea } from '@mantine/core';
import { memo, useRef, type Ref } from 'react';
import { incidentLimits } from '@/shared/contracts';
import classes from './post-box.module.css';

interface PostBoxProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onPost: (text: string) => void;
  readonly boxRef: Ref<HTMLTextAreaElement>;
}

/** Where one writes into the timeline. Enter posts, Shift-Enter begins a line; what is typed survives a reload. */
export const PostBox = memo(function PostBox({ text, onText, onPost, boxRef }: PostBoxProps) {
  const form = useRef<HTMLFormElement>(null);
  const left = incidentLimits.entryLengthMax - text.length;
  return (
    <form
      ref={form}
      className={classes['box']}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === '' || left < 0) return;
        onPost(text);
        onText('');
      }}
    >
      <Textarea
        ref={boxRef}
        aria-label="Write to the timeline"
        placeholder="Write to the timeline (Markdown)"
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          form.current?.requestSubmit();
        }}
        autosize
        minRows={1}
        maxRows={8}
        error={left < 0 ? `${-left} characters too long. An entry has at most ${incidentLimits.entryLengthMax}.` : undefined}
        className={classes['text']}
      />
      <Button type="submit" disabled={text.trim() === '' || left < 0}>
        Post
      </Button>
    </form>
  );
});
