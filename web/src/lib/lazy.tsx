// Load a component when it is first shown. Smaller than preact/compat, which we do not otherwise need.
import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let ready: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, tell] = useState(ready !== null);
    useEffect(() => {
      if (ready) return;
      void load().then((component) => {
        ready = component;
        tell(true);
      });
    }, []);
    const Component = ready;
    return Component ? <Component {...props} /> : null;
  };
}

// Keeps the place, so that nothing jumps when the chart arrives.
export function Suspense({ height, children }: { height: number; children: ComponentChildren }) {
  return <div style={{ minHeight: `${height}px` }}>{children}</div>;
}
