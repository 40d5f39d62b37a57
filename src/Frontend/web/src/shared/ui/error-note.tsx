import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '../api';
import { CopyButton } from './copy-button';

interface ErrorNoteProps {
  readonly error: unknown;
  /** What did not work: "The incident was not changed". */
  readonly title: string;
  /** What was kept, if something was being written. */
  readonly kept?: string;
  readonly onRetry?: () => void;
}

/** What happened, what was kept, what to do, and the trace id to give to whoever looks into it. It stays until it is over. */
export function ErrorNote({ error, title, kept, onRetry }: ErrorNoteProps) {
  const message = error instanceof Error ? error.message : String(error);
  const traceId = error instanceof ApiError ? error.traceId : undefined;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={title} role="alert">
      <Text size="sm">
        {message} {kept}
      </Text>
      {(onRetry !== undefined || traceId !== undefined) && (
        <Group gap="xs" mt={8}>
          {onRetry && (
            <Button size="compact-sm" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          {traceId && (
            <Text size="xs" c="dimmed" component="span">
              Trace <code>{traceId}</code> <CopyButton text={traceId} label="Copy trace id" />
            </Text>
          )}
        </Group>
      )}
    </Alert>
  );
}
