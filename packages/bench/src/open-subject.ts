import { openBullmqClient } from './bullmq-client.ts';
import { openBullmqService } from './bullmq-service.ts';
import { listenForEnds } from './completion-channel.ts';
import { openJoineryClient } from './joinery-client.ts';
import { openJoineryService, type Role } from './joinery-service.ts';
import { LoadDriver } from './load-driver.ts';
import {
  type BenchService,
  isJoinery,
  type Site,
  type Subject,
  type SubjectSettings,
} from './subject.ts';

/** Which subject, where, and how it is set up. */
export interface SubjectAt {
  readonly subject: Subject;
  readonly site: Site;
  readonly settings: SubjectSettings;
}

/** What puts load on a subject. */
export async function openDriver({ subject, site, settings }: SubjectAt): Promise<LoadDriver> {
  const client = isJoinery(subject)
    ? await openJoineryClient(site)
    : await openBullmqClient(site, subject, settings);
  return new LoadDriver(client, await listenForEnds(site.endsUrl));
}

/** What runs the tasks of a subject; roles are Joinery's. */
export async function openService(
  { subject, site, settings }: SubjectAt,
  roles: readonly Role[],
): Promise<BenchService> {
  const { concurrency } = settings;
  return isJoinery(subject)
    ? openJoineryService(site, { roles, concurrency, isContinuing: subject === 'joinery' })
    : openBullmqService(site, subject, settings);
}
