/** Keeps what security group rules that name a group say about themselves, for an emulator that forgets it. */
export class SecurityGroupRuleDescriptions {
  private readonly xmlByRuleId = new Map<string, string>();

  /** Takes note of a rule that was made; Terraform makes each with a call of its own. */
  note(request: URLSearchParams, answer: string): string {
    const description = request.get('IpPermissions.1.Groups.1.Description');
    const id = /<securityGroupRuleId>([^<]+)/.exec(answer)?.[1];
    if (description !== null && id !== undefined) this.xmlByRuleId.set(id, asXml(description));
    return this.complete(answer);
  }

  /** The answer with the descriptions that it lacks. */
  complete(answer: string): string {
    return answer.replace(/<securityGroupRuleId>([^<]+)<\/securityGroupRuleId>/g, (element, id: string) => {
      const known = this.xmlByRuleId.get(id);
      return known === undefined ? element : `${element}<description>${known}</description>`;
    });
  }
}

function asXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
