import { Skeleton, Stack } from '@mantine/core';
import { useEffect, useState } from 'react';

/** Grey bars in the place of what is being read; not within the first 200 ms, when they would only flicker. */
export function SlowSkeleton({ rows = 6, height = 40 }: { readonly rows?: number; readonly height?: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <Stack gap={8} aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height} radius="sm" animate={false} />
      ))}
    </Stack>
  );
}
