import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { S3Server } from './s3-server.ts';

/**
 * The headers with a signature by the S3 server's own key in place of a session's, which it does not know (S3 API
 * Reference, "Signature Calculations for the Authorization Header", single chunk).
 */
export function signForS3(
  { accessKeyId, secretAccessKey, region }: Omit<S3Server, 'stop'>,
  method: string,
  url: URL,
  headers: IncomingHttpHeaders,
): IncomingHttpHeaders {
  const { authorization: _old, 'x-amz-security-token': _session, ...kept } = headers;
  const time = String(kept['x-amz-date']);
  const day = time.slice(0, 8);
  const sent: IncomingHttpHeaders = { ...kept, host: url.host };
  const names = Object.keys(sent).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const signed = names.toSorted();
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const canonical = [
    method,
    url.pathname,
    query,
    ...signed.map((name) => `${name}:${String(sent[name]).trim()}`),
    '',
    signed.join(';'),
    String(kept['x-amz-content-sha256']),
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', time, scope, digest].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed.join(';')}, Signature=${signature}`,
  };
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
