// One request to the gateway: JSON in, JSON out, and every failure an ApiError. Only files of this folder use it.
import type { Problem } from './types';

export class ApiError extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.text);
  }
  get retryAfterS(): number | null {
    return this.problem.retry_after_s ?? null;
  }
}

const NO_ANSWER = 0; // status of a request that reached nobody
const TIMEOUT_MS = 15_000;

export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new ApiError(NO_ANSWER, { kind: 'unavailable', text: String(cause) });
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  throw new ApiError(response.status, await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as { error?: Problem };
    if (body.error?.text) return body.error;
  } catch {
    // Not our JSON: a proxy in between, say. The status is all there is.
  }
  return { kind: 'internal', text: `${response.status} ${response.statusText}` };
}

export function query(fields: Record<string, string | number | readonly string[] | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) {
    if (Array.isArray(value)) value.forEach((one: string) => search.append(key, one));
    else if (value !== null && value !== undefined) search.append(key, String(value));
  }
  return search.toString();
}
