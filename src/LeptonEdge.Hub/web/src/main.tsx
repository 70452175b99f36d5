import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client';
import { App } from './app/App';
import { preload } from './app/routes';
import { sessionQuery } from './app/session';
import { applyTheme } from './app/theme';
import { startTexts } from './i18n';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/tables.css';
import './styles/sites.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1000,
      retry: (count, fault) => count < 2 && !(fault instanceof ApiError && fault.status >= 400 && fault.status < 500),
      retryDelay: 1000,
    },
  },
});

// What the first page needs is asked for at once, not one after the other.
void queries.prefetchQuery(sessionQuery);
preload(location.pathname);
applyTheme();
void startTexts().then(() =>
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  ),
);
