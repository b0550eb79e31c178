// Moves the dots of the flow picture. Not a CSS animation: that is drawn sixty times a second, on a page that is open all
// day, and costs the processor twice as much. Still while nobody looks, and for those who want no motion.
const STEP_MS = 80; // a dot moves by about its own size at most

// Starts it for all dots inside; the function that is returned ends it. Dots may come and go meanwhile.
export function letTravel(inside: HTMLElement): () => void {
  const isUnwanted = matchMedia('(prefers-reduced-motion: reduce)');
  const step = () => {
    if (document.hidden || isUnwanted.matches) return;
    const now = performance.now() / 1000;
    for (const dots of inside.querySelectorAll<HTMLElement>('.dots > i')) {
      const { period, gap, axis } = dots.dataset;
      const way = ((now / Number(period)) % 1) * Number(gap);
      dots.style.transform = `translate${axis}(${way.toFixed(1)}px)`;
    }
  };
  const timer = setInterval(step, STEP_MS);
  return () => clearInterval(timer);
}
