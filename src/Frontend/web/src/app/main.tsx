import '@mantine/core/styles.css';
import './global.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { warroomLink } from '@/shared/connection/links';
import { followQueries } from '@/shared/offline/seen-queries';
import { resumeOutboxes } from '@/shared/outbox/outboxes';
import { listenForNews } from './news';
import { followVersions } from './new-version';
import { queryClient } from './query-client';
import { registerServiceWorker, updateServiceWorker } from './service-worker';
import { Shell } from './shell';
import { cssVariables, theme } from './theme';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');

followQueries(queryClient);
listenForNews(queryClient);
followVersions(warroomLink, updateServiceWorker);
registerServiceWorker();
resumeOutboxes();

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" colorSchemeManager={localStorageColorSchemeManager({ key: 'warroom.color-scheme' })}>
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <Shell />
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
