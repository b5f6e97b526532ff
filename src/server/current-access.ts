import { openAccess, type Access, type RegistryAccess } from '../access/index.js';

interface Opened {
  readonly access: Access;
  users: number;
  isReplaced: boolean;
}

/** The ways out that hold now. Who uses those before goes on with them, and the last one ends them. */
export class CurrentAccess {
  #current: Opened;

  constructor(access: RegistryAccess) {
    this.#current = opened(access);
  }

  async use<Result>(work: (access: Access) => Promise<Result>): Promise<Result> {
    const mine = this.#current;
    mine.users++;
    try {
      return await work(mine.access);
    } finally {
      mine.users--;
      if (mine.isReplaced && mine.users === 0) await mine.access.close();
    }
  }

  async replace(access: RegistryAccess): Promise<void> {
    const before = this.#current;
    this.#current = opened(access);
    before.isReplaced = true;
    if (before.users === 0) await before.access.close();
  }

  async close(): Promise<void> {
    await this.#current.access.close();
  }
}

function opened(access: RegistryAccess): Opened {
  return { access: openAccess(access), users: 0, isReplaced: false };
}
