/**
 * The script of a page: draws the charts and copies the Markdown. The build bundles it with uPlot into one file, which
 * every report contains; everything else on a page works without it.
 */
import { PAGE_DATA_ID, type PageData } from '../page.ts';
import { offerMarkdown } from './copy-markdown.ts';
import { drawTimelines } from './draw-timelines.ts';

const data: PageData = JSON.parse(document.getElementById(PAGE_DATA_ID)?.textContent ?? 'null');
drawTimelines(data.timelines);
offerMarkdown(data.markdown);
