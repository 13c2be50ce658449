import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { apply } from './app/theme';
import { begin } from './client/session';
import './design/tokens.css';
import './design/base.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
apply();
begin();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
