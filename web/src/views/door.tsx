import type { ComponentChildren } from 'preact';
import { Logo } from '../components/icon';

// What stands before the session: a quiet page with one thing to do.
export function Door({ siteName, languages, children }: { siteName: string; languages: ComponentChildren; children: ComponentChildren }) {
  return (
    <main class="door" id="content" tabIndex={-1}>
      <div class="door-brand"><Logo size={40} /><span>{siteName || 'Busbar'}</span></div>
      <div class="card door-card">{children}</div>
      <div class="door-languages">{languages}</div>
    </main>
  );
}
