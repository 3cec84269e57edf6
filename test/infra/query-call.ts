const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#34;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

/** Calls a service by AWS's query protocol, for services that the project has no client of. */
export function callQuery(endpoint: string, service: string, version: string) {
  return async (operation: string, parameters: Readonly<Record<string, string>>): Promise<string> => {
    const scope = `Credential=bed/20260101/eu-west-1/${service}/aws4_request`;
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ Action: operation, Version: version, ...parameters }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${operation}: ${text}`);
    return text;
  };
}

/** The texts of the answer's elements of a name, in order. */
export function textsOf(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text = '']) =>
    text.replaceAll(/&(?:lt|gt|quot|#34|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity),
  );
}
