/** What a caller may not. */
export interface Refusal {
  /** The ARN of the session. */
  readonly user: string;
  readonly action: string;
  readonly resource: string;
}

/** A refusal in the words of IAM ("Troubleshoot access denied error messages") and the form of the service's protocol. */
export function deniedAnswer(service: string, { user, action, resource }: Refusal) {
  const message =
    `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ` +
    `because no identity-based policy allows the ${action} action`;
  const id = 'iam-gate';
  if (service === 's3' || service === 'redshift') {
    const error = `<Code>AccessDenied</Code><Message>${message}</Message>`;
    const text =
      service === 's3'
        ? `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}<RequestId>${id}</RequestId></Error>`
        : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>${id}</RequestId></ErrorResponse>`;
    return { status: 403, headers: ['content-type', 'application/xml'], body: Buffer.from(text) };
  }
  const body = Buffer.from(JSON.stringify({ __type: 'AccessDeniedException', message }));
  const headers = [
    'content-type',
    'application/x-amz-json-1.1',
    'x-amzn-requestid',
    id,
    'x-amzn-errortype',
    'AccessDeniedException',
  ];
  return { status: 400, headers, body };
}
