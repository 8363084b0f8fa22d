/**
 * Who stands where in a fanout group, as the kernel keeps it: who joins stands last, and the last one takes the place of who leaves. A program answers a number, and the
 * packet goes to the member at that number modulo the count of members; so one number can be right before and after a member leaves.
 */
export class FanoutPlaces {
  private readonly members: number[] = [];

  join(member: number): void {
    this.members.push(member);
  }

  leave(member: number): void {
    const place = this.members.indexOf(member);
    const last = this.members.pop()!;
    if (last !== member) this.members[place] = last;
  }

  /** Numbers that lead to these members from now on, whoever joins, and also when `leaving`, which is none of them, leaves next. */
  numbers(targets: readonly number[], leaving?: number): number[] {
    const count = this.members.length;
    const left = leaving === undefined ? -1 : this.members.indexOf(leaving);
    return targets.map((target) => {
      const place = this.members.indexOf(target);
      if (left < 0) return place;
      const after = place === count - 1 ? left : place;
      // x = place (mod count) and x = after (mod count - 1), where count = 1 (mod count - 1).
      const fewer = count - 1;
      return place + count * ((((after - place) % fewer) + fewer) % fewer);
    });
  }
}
