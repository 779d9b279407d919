import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

const lock = readFileSync(join(ROOT, '.terraform.lock.hcl'), 'utf8');
const binding = JSON.parse(
  readFileSync(join(ROOT, 'node_modules/@cdktf/provider-aws/package.json'), 'utf8'),
) as { cdktf: { provider: { name: string; version: string } } };

const hashesOf = (scheme: string): string[] =>
  [...lock.matchAll(new RegExp(`^ {4}"${scheme}:([A-Za-z0-9+/=]+)",$`, 'gm'))].map(([, hash]) =>
    String(hash),
  );

describe("the lock of Terraform's provider", () => {
  it('locks the one provider that the stacks are written for, in exactly that version', () => {
    const { name, version } = binding.cdktf.provider;

    expect([...lock.matchAll(/^provider "(.*)" \{$/gm)].map(([, provider]) => provider)).toEqual([name]);
    expect(lock).toContain(`  version     = "${version}"\n`);
    // cdktf compares it with what a stack asks for, and would lock anew, from the registry, what does not match.
    expect(lock).toContain(`  constraints = "${version}"\n`);
  });

  it.each([
    // As the registry sends it: a SHA-256 in hexadecimal of each platform's zip.
    ['zh', /^[0-9a-f]{64}$/],
    // As a mirror has it unpacked: a SHA-256 in base64 of each platform's files.
    ['h1', /^[A-Za-z0-9+/]{43}=$/],
  ])('holds %s hashes of at least four packages: linux and darwin, x64 and arm64', (scheme, form) => {
    const hashes = hashesOf(scheme);

    expect(new Set(hashes).size).toBeGreaterThanOrEqual(4);
    expect(hashes.filter((hash) => !form.test(hash))).toEqual([]);
  });
});
