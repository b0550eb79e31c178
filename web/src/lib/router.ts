// Hash routes, because the gateway serves one page and the address must survive a reload from the home screen.

export type PageName = 'overview' | 'history' | 'devices' | 'why' | 'settings' | 'alarms';
export interface Route { page: PageName; id: string | null; query: URLSearchParams }

const PAGES: readonly PageName[] = ['overview', 'history', 'devices', 'why', 'settings', 'alarms'];

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', ...rest] = path.split('/');
  const page = PAGES.find((name) => name === first) ?? 'overview';
  const id = rest.length > 0 && rest[0] ? safeDecode(rest.join('/')) : null;
  return { page, id, query: new URLSearchParams(query) };
}

export function routeHref(page: PageName, id?: string | null, query?: Record<string, string>): string {
  const path = id ? `#/${page}/${encodeURIComponent(id)}` : `#/${page}`;
  const search = query ? new URLSearchParams(query).toString() : '';
  return search ? `${path}?${search}` : path;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
