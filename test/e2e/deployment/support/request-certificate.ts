/** Has the emulated ACM issue a certificate. One call in a test is worth no client of its own. */
export async function requestCertificate(accountUrl: string, domainName: string): Promise<string> {
  const answer = await fetch(accountUrl, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': 'CertificateManager.RequestCertificate',
      // The emulator reads the service and the region from it, and checks no signature.
      Authorization: 'AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/acm/aws4_request, Signature=none',
    },
    body: JSON.stringify({ DomainName: domainName }),
  });
  const { CertificateArn } = (await answer.json()) as { CertificateArn?: string };
  if (CertificateArn === undefined) throw new Error(`The emulator issued no certificate: ${answer.status}`);
  return CertificateArn;
}
