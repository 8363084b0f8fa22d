/** As much of a browser as signing in takes: it keeps cookies of each site, follows redirects and fills in forms. */
export class Browsing {
  readonly #jars = new Map<string, Map<string, string>>();

  /** Where it stands, and what it sees there. */
  url = '';
  status = 0;
  text = '';
  /** `Set-Cookie` lines of every answer on the way. */
  readonly cookiesSet: string[] = [];

  cookie(site: string, name: string): string | undefined {
    return this.#jars.get(new URL(site).host)?.get(name);
  }

  setCookie(site: string, name: string, value: string): void {
    this.#jar(new URL(site)).set(name, value);
  }

  async go(url: string, init: RequestInit = {}): Promise<this> {
    let at = new URL(url);
    let request: RequestInit = init;
    for (let hops = 0; hops < 20; hops++) {
      const jar = this.#jar(at);
      const headers = {
        ...(request.headers as Record<string, string>),
        cookie: Array.from(jar, ([name, value]) => `${name}=${value}`).join('; '),
      };
      const answer = await fetch(at, { ...request, headers, redirect: 'manual' });
      for (const line of answer.headers.getSetCookie()) {
        this.cookiesSet.push(line);
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
        if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name!);
        else jar.set(name!, value!);
      }
      const location = answer.headers.get('location');
      this.url = at.href;
      this.status = answer.status;
      this.text = await answer.text();
      if (location === null || answer.status < 300 || answer.status > 399) return this;
      at = new URL(location, at);
      request = {};
    }
    throw new Error(`led in circles: ${at.href}`);
  }

  /** Sends the form on the page, with its hidden fields. */
  submit(fields: Readonly<Record<string, string>> = {}): Promise<this> {
    const action = /<form[^>]*action="([^"]*)"/.exec(this.text)?.[1] ?? this.url;
    const hidden = [...this.text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].flatMap(([tag]) => {
      const name = /name="([^"]*)"/.exec(tag)?.[1];
      return name === undefined ? [] : [[name, /value="([^"]*)"/.exec(tag)?.[1] ?? ''] as [string, string]];
    });
    const body = new URLSearchParams([...hidden, ...Object.entries(fields)]);
    return this.go(new URL(action.replaceAll('&amp;', '&'), this.url).href, { method: 'POST', body });
  }

  /** Signs in on the provider's own pages. */
  async signInAt(name: string): Promise<this> {
    await this.submit({ login: name, password: 'any' });
    return this.submit(); // consents
  }

  #jar(url: URL): Map<string, string> {
    let jar = this.#jars.get(url.host);
    if (jar === undefined) this.#jars.set(url.host, (jar = new Map()));
    return jar;
  }
}
