import { startAction } from '../../shared/src/action/start-action.ts';
import { main } from './main.ts';
import { post } from './post.ts';

await startAction({ name: 'redshift-copy', main, post });
