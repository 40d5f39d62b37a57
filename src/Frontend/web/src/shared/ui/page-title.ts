import { useEffect } from 'react';

/** The tab's title. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Warroom`;
  }, [title]);
}
