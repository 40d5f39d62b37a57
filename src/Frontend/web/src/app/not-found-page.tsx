import { Button, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';

export function NotFoundPage() {
  return (
    <Stack component="main" gap={8} p={24} align="flex-start">
      <Title order={1} size="h3">
        There is no such page.
      </Title>
      <Text c="dimmed">The address may be mistyped.</Text>
      <Button component={Link} to="/" variant="default">
        To the incidents
      </Button>
    </Stack>
  );
}
