import { openBullmqClient } from './bullmq-client.ts';
import { openBullmqService } from './bullmq-service.ts';
import { listenForEnds } from './completion-channel.ts';
import { openJoineryClient } from './joinery-client.ts';
import { openJoineryService, type Role } from './joinery-service.ts';
import { LoadDriver } from './load-driver.ts';
import { type BenchService, type Site, type Subject } from './subject.ts';

/** What puts load on a subject. */
export async function openDriver(subject: Subject, site: Site): Promise<LoadDriver> {
  const client =
    subject === 'joinery' ? await openJoineryClient(site) : await openBullmqClient(site, subject);
  return new LoadDriver(client, await listenForEnds(site.url));
}

/** What runs the tasks of a subject; roles are Joinery's. */
export async function openService(
  subject: Subject,
  site: Site,
  roles: readonly Role[],
): Promise<BenchService> {
  return subject === 'joinery'
    ? openJoineryService(site, { roles })
    : openBullmqService(site, subject);
}
