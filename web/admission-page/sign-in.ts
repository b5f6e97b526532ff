/**
 * A link from another site brings no cookie with it (SameSite=Strict), so that the server takes who follows it for a
 * stranger. Asked from here it knows better.
 */
async function goOnIfSignedIn(): Promise<void> {
  const next = document.querySelector<HTMLInputElement>('#next')?.value ?? '/';
  const response = await fetch('/api/session', { headers: { accept: 'application/json' } });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || Reflect.get(answer, 'signedIn') !== true) return;
  // After a reload that still ends here, something else is wrong: once is enough.
  const mark = 'tidewaiter-went-on';
  if (sessionStorage.getItem(mark) === next) return;
  sessionStorage.setItem(mark, next);
  location.replace(next.startsWith('/?') ? next : '/');
}

goOnIfSignedIn().catch(() => undefined);
