<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:template match="/"><xsl:for-each select="list/item"><xsl:sort select="@price" data-type="number"/>
    <xsl:value-of select="concat(., ' costs ', @price, '&#10;')"/></xsl:for-each></xsl:template>
</xsl:stylesheet>
