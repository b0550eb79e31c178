import type { ComponentChildren } from 'preact';
import { Logo } from '../components/icon';

const PRODUCT = 'Busbar';

// What stands before the session: a quiet page with one thing to do. It says nothing of the site, because it knows nothing.
export function Door({ languages, children }: { languages: ComponentChildren; children: ComponentChildren }) {
  return (
    <main class="door" id="content" tabIndex={-1}>
      <div class="door-brand"><Logo size={40} /><span>{PRODUCT}</span></div>
      <div class="card door-card">{children}</div>
      <div class="door-languages">{languages}</div>
    </main>
  );
}
