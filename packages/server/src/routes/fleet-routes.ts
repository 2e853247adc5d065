import { type Api } from '../api.ts';
import { type ServerParts } from '../server-parts.ts';

/** Joinery's own: who is alive, and whether anybody carries runs on. */
export function addFleetRoutes(api: Api, { fleet }: Pick<ServerParts, 'fleet'>): void {
  api.get('/api/fleet', { schema: { tags: ['fleet'] } }, async () => {
    const [state, members] = await Promise.all([fleet.state(), fleet.live()]);
    return { ...state, members };
  });
}
